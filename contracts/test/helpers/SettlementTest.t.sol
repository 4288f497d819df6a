// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {Settlement} from "../../Settlement.sol";
import {Order} from "../../interfaces/ISettlement.sol";
import {OrderLib} from "../../libraries/OrderLib.sol";
import {RealPools, TestToken} from "./RealPools.t.sol";

/// @notice A settlement over real pools, an owner with a key, and the words to write calls with.
abstract contract SettlementTest is RealPools {
    using OrderLib for Order;
    using OrderLib for bytes32;

    uint256 internal constant OWNER_KEY = 0xa11ce;
    uint256 internal constant AUCTIONEER_KEY = 0xa0c710;
    uint128 internal constant DEPTH = 1e25;
    uint128 internal constant ALL = type(uint128).max;

    Settlement internal settlement;
    TestToken internal sell;
    TestToken internal buy;
    TestToken internal mid;
    address internal owner;
    address internal auctioneer;
    address internal receiver = makeAddr("receiver");
    address internal solver = makeAddr("solver");

    function setUp() public virtual {
        vm.warp(1_760_000_000);
        deployVenues();
        settlement = new Settlement();
        (sell, buy, mid) = (new TestToken("SELL"), new TestToken("BUY"), new TestToken("MID"));
        (owner, auctioneer) = (vm.addr(OWNER_KEY), vm.addr(AUCTIONEER_KEY));
        addAllVenues(address(sell), address(buy));
        addAllVenues(address(sell), address(mid));
        addAllVenues(address(mid), address(buy));
        sell.mint(owner, 1e30);
        approve(address(sell), address(settlement));
        approve(address(sell), PERMIT2);
    }

    function addAllVenues(address tokenA, address tokenB) internal {
        addV2(tokenA, tokenB, DEPTH);
        addV3(tokenA, tokenB, FEE, DEPTH);
        addV4(tokenA, tokenB, int256(uint256(DEPTH)));
    }

    function approve(address token, address spender) internal {
        vm.prank(owner);
        IERC20(token).approve(spender, type(uint256).max);
    }

    /* ORDERS */

    function anOrder(uint128 amount, uint128 limit) internal view returns (Order memory order) {
        order.owner = owner;
        order.sellToken = IERC20(address(sell));
        order.buyToken = IERC20(address(buy));
        order.receiver = receiver;
        order.amount = amount;
        (order.limitStart, order.limitEnd) = (limit, limit);
        order.validTo = uint40(block.timestamp + 60);
        order.nonce = 7;
        order.flags = 1;
    }

    function packed(Order memory order) internal pure returns (bytes memory) {
        bytes memory head = abi.encodePacked(
            order.owner,
            order.sellToken,
            order.buyToken,
            order.amount,
            order.limitStart,
            order.limitEnd
        );
        bytes memory tail = abi.encodePacked(order.decayStart, order.decayEnd, order.validTo, order.nonce, order.flags);
        bytes memory optional = order.flags & 1 == 0 ? bytes("") : abi.encodePacked(order.receiver);
        if (order.flags & 2 != 0) optional = abi.encodePacked(optional, order.auctioneer);
        return abi.encodePacked(head, tail, optional);
    }

    function digestOf(Order memory order) internal view returns (bytes32) {
        return settlement.DOMAIN_SEPARATOR().digest(order.hash());
    }

    /* SIGNATURES */

    function compact(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, uint256(s) | (uint256(v - 27) << 255));
    }

    /// @dev Signature kind 0 and funding by allowance.
    function byKey(Order memory order) internal view returns (bytes memory) {
        return abi.encodePacked(uint8(0), compact(OWNER_KEY, digestOf(order)), uint8(0));
    }

    function permit2Digest(Order memory order, address spender) internal view returns (bytes32) {
        bytes32 typeHash = keccak256(
            abi.encodePacked(
                "PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,",
                OrderLib.PERMIT2_WITNESS
            )
        );
        bytes32 permitted = keccak256(
            abi.encode(keccak256("TokenPermissions(address token,uint256 amount)"), order.sellToken, order.amount)
        );
        (, bytes memory separator) = PERMIT2.staticcall(abi.encodeWithSignature("DOMAIN_SEPARATOR()"));
        bytes32 structHash = keccak256(
            abi.encode(typeHash, permitted, spender, uint256(order.nonce), uint256(order.validTo), order.hash())
        );
        return abi.decode(separator, (bytes32)).digest(structHash);
    }

    /// @dev Signature kind 3 and the given funding kind.
    function byPermit2(Order memory order, bytes memory funding) internal view returns (bytes memory) {
        bytes memory signature = compact(OWNER_KEY, permit2Digest(order, address(settlement)));
        return abi.encodePacked(uint8(3), uint16(signature.length), signature, funding);
    }

    function certificate(
        Order memory order,
        address winner,
        uint128 minOut,
        uint40 lastBlock,
        uint256 key
    ) internal view returns (bytes memory) {
        bytes32 structHash = keccak256(
            abi.encode(OrderLib.WIN_CERT_TYPEHASH, digestOf(order), 0, winner, order.amount, minOut, lastBlock)
        );
        bytes32 digest = settlement.DOMAIN_SEPARATOR().digest(structHash);
        return abi.encodePacked(uint8(1), minOut, lastBlock, compact(key, digest));
    }

    /* CALLS */

    function v2(uint128 amountIn) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(0x1f), amountIn);
    }

    function v3(uint128 amountIn) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(0x2f), amountIn, FEE);
    }

    function v4(uint128 amountIn) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(0x50), amountIn, FEE, SPACING);
    }

    function swapOf(uint256 venue, uint128 amountIn) internal pure returns (bytes memory) {
        return
            venue % 3 == 0
                ? v2(amountIn)
                : venue % 3 == 1
                    ? v3(amountIn)
                    : v4(amountIn);
    }

    function pot(uint8 indexIn, uint8 indexOut, bytes memory verb) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(2), indexIn, indexOut, verb);
    }

    /// @dev A whole call: `authority` is signature and funding, `tokens` the ones between.
    function callOf(
        Order memory order,
        bytes memory authority,
        bytes memory cert,
        bytes memory tokens,
        bytes[] memory verbs
    ) internal pure returns (bytes memory data) {
        data = abi.encodePacked(
            uint8(2),
            packed(order),
            authority,
            cert,
            uint8(tokens.length / 20),
            tokens,
            uint8(verbs.length)
        );
        for (uint256 i = 0; i < verbs.length; ++i) data = abi.encodePacked(data, verbs[i]);
    }

    /// @dev One verb straight from the owner to the receiver.
    function oneHop(Order memory order, bytes memory verb) internal view returns (bytes memory) {
        return callOf(order, byKey(order), hex"00", "", list(verb));
    }

    /// @dev Two verbs over the token between.
    function twoHops(Order memory order, bytes memory first, bytes memory second) internal view returns (bytes memory) {
        bytes[] memory verbs = list(pot(0, 2, first), pot(2, 1, second));
        return callOf(order, byKey(order), hex"00", abi.encodePacked(mid), verbs);
    }

    function list(bytes memory one) internal pure returns (bytes[] memory all) {
        all = new bytes[](1);
        all[0] = one;
    }

    function list(bytes memory one, bytes memory two) internal pure returns (bytes[] memory all) {
        all = new bytes[](2);
        (all[0], all[1]) = (one, two);
    }

    function list(bytes memory one, bytes memory two, bytes memory three) internal pure returns (bytes[] memory all) {
        all = new bytes[](3);
        (all[0], all[1], all[2]) = (one, two, three);
    }

    /// @dev Sends as the solver and gives what the settlement returned.
    function settle(bytes memory data) internal returns (uint256 sold, uint256 bought) {
        vm.prank(solver);
        (bool isDone, bytes memory result) = address(settlement).call(data);
        if (!isDone) revertWith(result);
        return abi.decode(result, (uint256, uint256));
    }

    /// @dev Sends as the solver and requires that it reverts with exactly these bytes.
    function settleFails(bytes memory data, bytes memory expected) internal {
        (bool isDone, bytes memory result) = trySettle(data);
        assertFalse(isDone, "settled");
        assertEq(result, expected);
    }

    /// @dev Sends as the solver and requires that it reverts with this error, whatever its facts.
    function settleFailsAs(bytes memory data, bytes4 selector) internal {
        (bool isDone, bytes memory result) = trySettle(data);
        assertFalse(isDone, "settled");
        assertEq(bytes4(result), selector);
    }

    function trySettle(bytes memory data) internal returns (bool isDone, bytes memory result) {
        vm.prank(solver);
        return address(settlement).call(data);
    }

    function revertWith(bytes memory reason) internal pure {
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }
}
